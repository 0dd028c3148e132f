# HTTP server side: routes, authentication, replies (libmicrohttpd).
api/http_USES := common
api/http_PKGS := libmicrohttpd jansson
