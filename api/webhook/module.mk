# The orchestrator's driver of subscribers: notifications posted over HTTP.
api/webhook_USES := api/client api/problem orchestrator common
api/webhook_PKGS := libcurl jansson libsodium
