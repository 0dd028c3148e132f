# One per host: turns the wanted set of VNFs into processes and supervises them.
vnfm_USES := common
vnfm_PKGS := jansson
vnfm_PROGRAM := renga-vnfm
vnfm_PROGRAM_USES := vnfm api/southbound/server api/http common
