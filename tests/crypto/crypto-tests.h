/* What the tests of core/crypto share. */
#pragma once

/* Check and the laboratory both have a Suite. */
#define Suite CheckSuite
#include <check.h>
#undef Suite

#include "core/crypto/certificate.h"

TCase *hash_tests(void);
TCase *random_tests(void);
TCase *suite_tests(void);
TCase *schedule_tests(void);
TCase *protection_tests(void);
TCase *record_answers_tests(void);
TCase *key_tests(void);
TCase *der_tests(void);
TCase *aead_tests(void);
TCase *certificate_tests(void);
TCase *compression_tests(void);
TCase *hkdf_tests(void);
TCase *record_evp_tests(void);
TCase *ssl2_tests(void);
TCase *suite_names_tests(void);
TCase *checks_tests(void);
TCase *opinion_tests(void);
TCase *group_tests(void);
TCase *scheme_tests(void);
TCase *ocsp_tests(void);
TCase *key_kinds_tests(void);
TCase *certificate_kinds_tests(void);
TCase *wycheproof_tests(void);
TCase *curve_answers_tests(void);

/* One case of a file of vectors: names to values, and what stands in its brackets. */
typedef struct {
    char *title;
    GHashTable *values;
} Vector;

/* All cases of tests/vectors/`file`, a GPtrArray of Vector. */
GPtrArray *vectors_read(const char *file);
void vector_free(gpointer vector);
/* All cases of a file of Project Wycheproof, each with what its group has. */
GPtrArray *wycheproof_read(const char *file);
const char *vector_text(const Vector *vector, const char *name);
bool vector_has(const Vector *vector, const char *name);
/* The bytes of a hexadecimal value; kept until the process ends. */
Bytes vector_bytes(const Vector *vector, const char *name);

/* Bytes of hexadecimal digits; kept until the process ends. */
Bytes hex(const char *digits);
/* Compares and shows both in hexadecimal. */
void assert_bytes(Bytes got, Bytes expected, const char *what);

/* A key of scenarios/pki by its name, "rsa-2048-1"; kept until the process ends. */
PrivateKey *pki_key(const char *name);

/* The instant of "2026-03-01", 00:00 UTC. */
int64_t day(const char *date);

/* A certificate that nothing is wrong with, valid in 2026: of a server or client under `issuer`. */
CertificateSpec *spec_of(const char *name, const char *issuer, const char *key, KeyUsage usage);
/* Mints and reads it; `issuer_subject` and `issuer_key` are its issuer's. */
Certificate *mint(const CertificateSpec *spec, const char *issuer_subject, const char *issuer_key);
