/* What secrets, keys and parts of records are, and to which of the eleven steps they belong.
 *
 * The names are those that the trace gives them, which are the RFCs' own: RFC 5246 8.1 and 6.3, RFC
 * 7627 3, RFC 8446 7.1 and 7.3, draft-hickman-netscape-ssl 1.2. A secret's number of generation
 * (client_application_traffic_secret_2) is no part of what it is.
 */
#include <glib.h>
#include <string.h>

#include "viz/texts.h"

/* clang-format off */
static const struct {
    const char *name;
    int step;
    const char *text;
} keys[] = {
    {"client_random", 0, "the client's 32 random bytes, which are sent in the clear"},
    {"server_random", 0, "the server's 32 random bytes, which are sent in the clear"},
    {"client_private_key", 4, "the client's half of the key agreement, made for this handshake and thrown away after it"},
    {"server_private_key", 4, "the server's half of the key agreement, made for this handshake and thrown away after it"},
    {"shared_secret", 4, "what both compute, each out of its own private key and the other's share; it never crosses the wire (RFC 8446 7.4)"},
    {"premaster_block", 6, "the padded block that came out of the server's RSA decryption"},
    {"premaster_secret", 4, "out of it comes the master secret (RFC 5246 8.1)"},
    {"session_hash", 6, "the digest of the handshake so far, which takes the randoms' place in the master secret (RFC 7627 3)"},
    {"master_secret", 6, "the secret of the session, out of which all keys are made"},
    {"master_key", 6, "the secret that the client made; of a resumed session, the old one"},
    {"early_secret", 6, "the pre-shared key, extracted; zeros where there is none (RFC 8446 7.1)"},
    {"handshake_secret", 6, "the early secret with the key agreement's secret mixed in"},
    {"key_block", 7, "the master secret stretched to as many bytes as the suite needs keys"},
    {"client_write_MAC_secret", 7, "authenticates what the client says"},
    {"server_write_MAC_secret", 7, "authenticates what the server says"},
    {"client_write_key", 7, "encrypts what the client says"},
    {"server_write_key", 7, "encrypts what the server says"},
    {"client_read_key", 7, "decrypts, at the client, what the server says"},
    {"client_write_IV", 7, "where the client's encryption begins; of an AEAD cipher a part of every nonce"},
    {"server_write_IV", 7, "where the server's encryption begins; of an AEAD cipher a part of every nonce"},
    {"final_client_write_key", 7, "what an export suite makes of the client's 40 secret bits"},
    {"final_server_write_key", 7, "what an export suite makes of the server's 40 secret bits"},
    {"client_early_traffic_secret", 7, "the client's secret for early data, out of the early secret alone"},
    {"client_handshake_traffic_secret", 7, "out of it come the keys for the rest of the client's handshake"},
    {"server_handshake_traffic_secret", 7, "out of it come the keys for the rest of the server's handshake"},
    {"client_application_traffic_secret", 7, "out of it come the keys for the client's data; each generation out of the one before"},
    {"server_application_traffic_secret", 7, "out of it come the keys for the server's data; each generation out of the one before"},
    {"exporter_master_secret", 7, "for applications that want keys of their own out of this handshake (RFC 8446 7.5)"},
    {"exported_keying_material", 7, "what an application takes for itself: the same on both sides, bound to this handshake, and telling nothing of its keys (RFC 5705 4)"},
    {"resumption_master_secret", 7, "out of it come the pre-shared keys of later connections"},
    {"resumption_psk", 0, "the key that belongs to a ticket: the resumption master secret and the ticket's nonce (RFC 8446 4.6.1)"},
    {"binder_key", 0, "keys the binder, which proves that the client has the pre-shared key and ties it to this hello (RFC 8446 4.2.11.2)"},
    {"certificate_verify_hash", 0, "what the CertificateVerify that follows signs: a digest of the handshake so far"},
    {"record_IV", 0, "ahead of the record, in the clear: where its first block begins"},
    {"record_MAC", 0, "vouches for the plaintext, its length and its place in the order; of an AEAD cipher its tag"},
    {"record_padding", 0, "fills the last block; its last byte says how long it is"},
};
/* clang-format on */

/* Whether `name` is a row's, up to the number of a generation. */
static bool is_named(const char *name, const char *row)
{
    size_t size = strlen(row);
    if (strncmp(name, row, size) != 0)
        return false;
    if (name[size] == '\0')
        return true;
    return g_str_has_suffix(row, "_traffic_secret") && name[size] == '_' &&
           g_ascii_isdigit(name[size + 1]);
}

const char *texts_key(const char *name)
{
    for (size_t i = 0; name != NULL && i < G_N_ELEMENTS(keys); i++)
        if (is_named(name, keys[i].name))
            return keys[i].text;
    return NULL;
}

int texts_key_step(const char *name)
{
    for (size_t i = 0; name != NULL && i < G_N_ELEMENTS(keys); i++)
        if (is_named(name, keys[i].name))
            return keys[i].step;
    return 0;
}
