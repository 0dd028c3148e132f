# The orchestrator with a fake VNF manager: what tests of services and of the REST API stand on.
tests/orch_USES := api/northbound api/client api/http orchestrator db common
tests/orch_PKGS := jansson cmocka
