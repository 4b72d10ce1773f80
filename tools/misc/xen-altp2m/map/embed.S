/* SPDX-License-Identifier: GPL-2.0-only */
/* The files of the HTML picture, as strings. */
    .section .rodata
    .global map_html_start, map_js_start
map_html_start:
    .incbin "map/map.html"
    .byte 0
map_js_start:
    .incbin "map/map.js"
    .byte 0
    .section .note.GNU-stack, "", @progbits
