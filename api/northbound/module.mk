# What users and foreign clients see: ETSI SOL005/SOL003 and /renga/v1.
api/northbound_USES := api/http api/problem orchestrator common
api/northbound_PKGS := libmicrohttpd jansson libsodium
