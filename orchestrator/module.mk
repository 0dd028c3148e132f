# Use cases: services and VNFs, operations and their journal, policies, notifications.
orchestrator_USES := orchestrator/plan orchestrator/descriptor orchestrator/southbound db common
orchestrator_PKGS := jansson uuid libsodium
orchestrator_PROGRAM := renga-orchestrator
orchestrator_PROGRAM_USES := orchestrator db api/northbound api/southbound/client api/webhook api/http api/client common
