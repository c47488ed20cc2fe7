/* The built-in scenarios and keys: they are in the binary. */
#pragma once

#include <glib.h>

/* The scenarios in the order of the lessons. */
guint catalogue_count(void);
const char *catalogue_name(guint index);    /* "bad-certificate" */
const char *catalogue_subject(guint index); /* "authentication": the folder it lies in */
/* Its text, or NULL when there is none of that name; free with g_bytes_unref. */
GBytes *catalogue_text(const char *name);

/* The fixed private keys, as PEM. */
guint pki_count(void);
const char *pki_name(guint index); /* "rsa-2048-1" */
GBytes *pki_pem(guint index);      /* free with g_bytes_unref */
