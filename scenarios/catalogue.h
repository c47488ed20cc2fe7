/* The built-in scenarios and keys: they are in the binary. */
#pragma once

#include <glib.h>

/* The scenarios in the order of the lessons. */
guint catalogue_count(void);
const char *catalogue_name(guint index);    /* "bad-certificate" */
const char *catalogue_subject(guint index); /* "authentication": the folder it lies in */
/* Its text, or NULL when there is none of that name; free with g_bytes_unref. */
GBytes *catalogue_text(const char *name);

/* Parties by name: scenarios whose client or server a section may be like. */
guint preset_count(void);
const char *preset_name(guint index); /* "IE 6" */
const char *preset_side(guint index); /* "client" or "server" */
GBytes *preset_text(guint index);     /* a scenario; free with g_bytes_unref */
/* The index of a name on a side, upper case or lower; -1. */
int preset_find(const char *name, const char *side);

/* The fixed private keys, as PEM. */
guint pki_count(void);
const char *pki_name(guint index); /* "rsa-2048-1" */
GBytes *pki_pem(guint index);      /* free with g_bytes_unref */
