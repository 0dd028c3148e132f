# renga, the command line.
cli_USES := api/client common
cli_PKGS := jansson libcurl
cli_PROGRAM := renga
cli_PROGRAM_USES := cli
