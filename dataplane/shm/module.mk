# What processes share: names and layouts, plain data only.
dataplane/shm_USES := dataplane/pkt common
dataplane/shm_PKGS := libdpdk-headers
