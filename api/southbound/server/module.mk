# The HTTP face of renga-vnfm: hosts' ports, links, VNFs as wanted state.
api/southbound/server_USES := api/http vnfm common
api/southbound/server_PKGS := libmicrohttpd jansson
