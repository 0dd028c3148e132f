# All that a VNF may see.
dataplane/sdk_USES := dataplane/pkt common
dataplane/sdk_PKGS := jansson libdpdk-headers
