# Ground floor: no DPDK, SQL or HTTP.
common_PKGS := jansson yaml-0.1
