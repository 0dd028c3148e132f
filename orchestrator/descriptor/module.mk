# Descriptors of both forms, read into one model and judged.
orchestrator/descriptor_USES := orchestrator/southbound db common
orchestrator/descriptor_PKGS := jansson libarchive
