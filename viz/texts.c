/* The sentences that explain a handshake to people.
 *
 * They are written for someone who teaches it: what a message is for and what would be missing
 * without it, not how it is encoded. The steps are those in which the RSA handshake is usually
 * taught; the wire has its own order. Nothing here knows a run: narrate.c puts the values beside
 * the sentences.
 *
 * Facts after RFC 5246 7.3, 7.4, 8.1 and 6.3; RFC 6101 5.5 and 5.6; RFC 5746.
 */
#include "viz/texts.h"

#include <glib.h>
#include <string.h>

const char *texts_step(int step)
{
    static const char *const titles[TEACHING_STEPS + 1] = {
        [1] = "the client offers",
        [2] = "the server chooses, and shows who it is",
        [3] = "the client authenticates the server",
        [4] = "the client makes the premaster secret and sends it",
        [5] = "the client proves who it is",
        [6] = "both derive the master secret; the server authenticates the client",
        [7] = "both derive the session keys",
        [8] = "the client changes to the new keys",
        [9] = "the server changes to the new keys",
        [10] = "the handshake is complete, and data flows",
        [11] = "normal operation, until somebody renegotiates",
    };
    return step >= 1 && step <= TEACHING_STEPS ? titles[step] : NULL;
}

/* clang-format off */
static const struct {
    MessageKind kind;
    Role from;
    const char *text;
} messages[] = {
    {MESSAGE_HELLO_REQUEST, ROLE_SERVER,
     "The server would like to negotiate anew and cannot begin a handshake itself: it asks the "
     "client to. The message is empty, and no Finished covers it."},
    {MESSAGE_CLIENT_HELLO, ROLE_CLIENT,
     "The client opens with everything it could agree to: the highest version it speaks, its cipher "
     "suites in its order of preference, its compression methods. It adds 32 random bytes, so that "
     "no two handshakes have the same keys."},
    {MESSAGE_SERVER_HELLO, ROLE_SERVER,
     "The server picks one of each and adds its own random bytes. From here on both know which "
     "version they speak and which algorithms they will use; nothing of it is secret, and nothing "
     "protects it yet from being changed."},
    {MESSAGE_CERTIFICATE, ROLE_SERVER,
     "The server shows its certificate: its name and its public key, bound together by the "
     "signature of an authority. Anyone can send a copy of it, so it proves nothing yet about who "
     "is at the other end."},
    {MESSAGE_CERTIFICATE, ROLE_CLIENT,
     "The client answers the server's request with its own certificate, or with an empty list when "
     "it has none that fits."},
    {MESSAGE_SERVER_KEY_EXCHANGE, ROLE_SERVER,
     "The suite comes from a time of export rules: the secret may be encrypted under a key of 512 "
     "bits at most. The server's own key is longer, so it sends a temporary short one, and signs it "
     "with the long one together with both randoms."},
    {MESSAGE_CERTIFICATE_REQUEST, ROLE_SERVER,
     "The server wants to know who the client is, and says which kinds of certificate it takes and "
     "which authorities it trusts."},
    {MESSAGE_SERVER_HELLO_DONE, ROLE_SERVER,
     "The server has said all it wants to say for now and waits."},
    {MESSAGE_CLIENT_KEY_EXCHANGE, ROLE_CLIENT,
     "The premaster secret crosses the wire, encrypted with the server's public key: whoever has "
     "the private key, and nobody else, can read it. This is how the server will have proved that "
     "the certificate is its own: by being able to go on."},
    {MESSAGE_CERTIFICATE_VERIFY, ROLE_CLIENT,
     "The client signs all handshake messages so far with the private key of its certificate. Both "
     "randoms are among them, so the signature is good for this handshake and for no other."},
    {MESSAGE_CHANGE_CIPHER_SPEC, ROLE_CLIENT,
     "One byte, and no handshake message: whatever the client says after it is under the keys just "
     "agreed."},
    {MESSAGE_CHANGE_CIPHER_SPEC, ROLE_SERVER,
     "The server changes as well: whatever it says after this is under the new keys."},
    {MESSAGE_FINISHED, ROLE_CLIENT,
     "The first message under the new keys is a digest of the whole handshake as the client saw it, "
     "keyed with the master secret. If anything was changed on the way, the server's digest is "
     "another one and the connection ends here."},
    {MESSAGE_FINISHED, ROLE_SERVER,
     "The server's digest, which covers the client's Finished as well. It also proves that the "
     "server could decrypt the premaster secret, and so has the private key of its certificate."},
    {MESSAGE_APPLICATION_DATA, ROLE_CLIENT,
     "The application's data travels under the session keys, each record with a MAC over its bytes "
     "and its place in the order."},
    {MESSAGE_APPLICATION_DATA, ROLE_SERVER,
     "The answer travels the same way, under the server's own keys and its own count of records."},
};

static const struct {
    MessageKind kind;
    const char *text;
} again_messages[] = {
    {MESSAGE_CLIENT_HELLO,
     "The handshake begins once more, this time inside the connection: an onlooker sees records and "
     "no longer what they say."},
    {MESSAGE_SERVER_HELLO,
     "The server chooses again. With RFC 5746 both hellos carry the Finished values of the handshake "
     "before, which ties the new one to this connection."},
    {MESSAGE_CERTIFICATE, "The certificate is shown again, now encrypted."},
    {MESSAGE_CHANGE_CIPHER_SPEC,
     "The keys change a second time; until here the old ones protected the new handshake."},
    {MESSAGE_FINISHED, "The digest of the new handshake, under the new keys."},
};

static const struct {
    const char *name, *text;
} checks[] = {
    {"signature", "Does the public key in the certificate verify the signature over this handshake?"},
    {"validity", "Is today within the validity of every certificate?"},
    {"issuer trusted", "Does the chain end in an authority that is on the checker's own list?"},
    {"issuer signature", "Do the keys of the issuers verify the signatures on the certificates?"},
    {"authority", "Is every issuer an authority, allowed to sign certificates?"},
    {"usage", "May the certificate be used for this?"},
    {"name", "Is the certificate for the name that the client asked for?"},
    {"authorised", "May the one who is now known have what he asks for?"},
};

static const struct {
    const char *name, *text;
} keys[] = {
    {"client_random", "the client's 32 random bytes, which are sent in the clear"},
    {"server_random", "the server's 32 random bytes, which are sent in the clear"},
    {"premaster_block", "the padded block that came out of the RSA decryption"},
    {"premaster_secret", "the version that the client offered and 46 random bytes"},
    {"master_secret", "48 bytes made of the premaster secret and both randoms"},
    {"key_block", "the master secret stretched to as many bytes as the suite needs keys"},
    {"client_write_MAC_secret", "authenticates what the client says"},
    {"server_write_MAC_secret", "authenticates what the server says"},
    {"client_write_key", "encrypts what the client says"},
    {"server_write_key", "encrypts what the server says"},
    {"client_write_IV", "begins the client's first encrypted block"},
    {"server_write_IV", "begins the server's first encrypted block"},
    {"certificate_verify_hash", "what the client signs: a digest of the whole handshake so far"},
    {"record_IV", "ahead of the record, in the clear: where its first block begins"},
    {"record_MAC", "over the plaintext, its length and its place in the order"},
    {"record_padding", "fills the last block; its last byte says how long it is"},
    {"final_client_write_key", "what an export suite makes of the client's 40 secret bits"},
    {"final_server_write_key", "what an export suite makes of the server's 40 secret bits"},
};
/* clang-format on */

const char *texts_message(MessageKind kind, Role from, bool again)
{
    for (size_t i = 0; again && i < G_N_ELEMENTS(again_messages); i++)
        if (again_messages[i].kind == kind)
            return again_messages[i].text;
    for (size_t i = 0; i < G_N_ELEMENTS(messages); i++)
        if (messages[i].kind == kind && messages[i].from == from)
            return messages[i].text;
    return NULL;
}

const char *texts_check(const char *name)
{
    for (size_t i = 0; name != NULL && i < G_N_ELEMENTS(checks); i++)
        if (strcmp(checks[i].name, name) == 0)
            return checks[i].text;
    return NULL;
}

const char *texts_key(const char *name)
{
    for (size_t i = 0; name != NULL && i < G_N_ELEMENTS(keys); i++)
        if (strcmp(keys[i].name, name) == 0)
            return keys[i].text;
    return NULL;
}
