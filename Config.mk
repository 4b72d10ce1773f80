# The Xen this project is laid over: the distribution's source package of this
# version. ORIG_SHA256 is the checksum of its .orig.tar.xz. Where a machine's
# package sources no longer carry exactly this version, tools/xen-source takes
# another of XEN_SERIES, checked by the package client, and says so.
XEN_SERIES  := 4.17
XEN_VERSION := 4.17.5+72-g01140da4e8-1
XEN_SHA256  := 53922f4d0a02c577f2ea9d63f65989cd88715779eebeed879ca1d314103ee06e

# Where dom0's kernel comes from: a source package of the distribution.
LINUX_SOURCE := linux-source-6.1
