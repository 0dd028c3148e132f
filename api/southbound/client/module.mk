# The orchestrator's driver of a renga-vnfm over HTTP.
api/southbound/client_USES := api/client orchestrator/southbound common
api/southbound/client_PKGS := libcurl jansson
