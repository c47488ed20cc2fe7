/* The blocks that RSA signs: EMSA-PKCS1-v1_5 and EMSA-PSS (RFC 8017 9). */
#pragma once

#include "core/crypto/key.h"

/* Whether a modulus of that many bits is long enough for the block (RFC 8017 9.1.1, 9.2). */
bool rsa_can_encode(SignatureKind kind, HashKind hash, unsigned bits);

/* 00 01 FF … FF 00, then DigestInfo and hash value, or for SIGNATURE_RSA_MD5_SHA1 the two hash
 * values alone (RFC 2246 4.7). `block` becomes as long as the modulus; false when the modulus is
 * too short. */
bool rsa_encode_pkcs1(SignatureKind kind, HashKind hash, Bytes hashed, unsigned bits,
                      GByteArray *block);

/* EMSA-PSS with MGF1 of the same hash (RFC 8017 9.1.1). */
bool rsa_encode_pss(HashKind hash, Bytes hashed, Bytes salt, unsigned bits, GByteArray *block);

/* Whether `block` is the PSS encoding of the hash value with a salt as long as the hash. */
bool rsa_is_pss(HashKind hash, Bytes hashed, unsigned bits, Bytes block);
