# Use cases: descriptors, placement, operations and their journal.
orchestrator_USES := db common
orchestrator_PKGS := jansson uuid libsodium libarchive
orchestrator_PROGRAM := renga-orchestrator
orchestrator_PROGRAM_USES := orchestrator db api/northbound api/southbound/client api/webhook api/http api/client common
