# renga-vnf: the process around a plug-in.
dataplane/runtime_USES := dataplane/sdk dataplane/shm dataplane/pkt common
dataplane/runtime_PKGS := jansson libdpdk-headers
dataplane/runtime_PROGRAM := renga-vnf
dataplane/runtime_PROGRAM_USES := dataplane/runtime
dataplane/runtime_PROGRAM_PLUGIN_HOST := yes
