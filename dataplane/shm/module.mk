# What processes share: names and layouts, plain data only.
dataplane/shm_USES := common
dataplane/shm_PKGS := libdpdk-headers
