# Packet formats: pure, nothing but libc.
