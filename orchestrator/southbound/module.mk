# What the orchestrator asks of a VNF manager, whoever it is.
orchestrator/southbound_USES := common
orchestrator/southbound_PKGS := jansson
