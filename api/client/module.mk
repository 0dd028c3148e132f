# HTTP client side: one JSON request and its answer (libcurl).
api/client_USES := common
api/client_PKGS := libcurl jansson
