# renga-dataplane, the primary: memory, ports, links, port I/O, care of buffers.
dataplane/host_USES := dataplane/shm dataplane/pkt common
dataplane/host_PKGS := jansson libdpdk libbpf libpcap
dataplane/host_PROGRAM := renga-dataplane
dataplane/host_PROGRAM_USES := dataplane/host
