# The orchestrator's driver of subscribers: notifications posted over HTTP.
api/webhook_USES := api/client orchestrator common
api/webhook_PKGS := libcurl jansson libsodium
