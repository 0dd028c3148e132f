# HTTP server side: routes, authentication, replies (libmicrohttpd).
api/http_USES := api/problem common
api/http_PKGS := libmicrohttpd jansson
