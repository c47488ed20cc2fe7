/* What is settled in a handshake, and the ideas behind it.
 *
 * An idea is told once, where it first matters: what it is for, what goes wrong without it, and the
 * section that specifies it. Its name is that of the fact, the extension or the note at which it is
 * told, or one of its own where something else in the run gives the occasion.
 *
 * Facts after the sections that the texts name.
 */
#include <glib.h>
#include <string.h>

#include "viz/texts.h"

/* clang-format off */
static const struct {
    const char *name, *text;
} facts[] = {
    {"version", "The version"},
    {"cipher_suite", "The suite"},
    {"server_name", "The host"},
    {"renegotiation", "The binding of a later handshake to this one"},
    {"session_id", "The session ID"},
    {"finished", "The Finished that follows"},
    {"premaster_secret", "The premaster secret, as it arrives"},
    {"master_key", "The master key, as it arrives"},
    {"handshake", "The handshake"},
    {"extended_master_secret", "The extended master secret"},
    {"temporary_key", "The temporary key"},
    {"group", "The group"},
    {"client_certificate", "The client's certificate"},
    {"psk_identity", "The key's name"},
    {"psk_identity_hint", "The server's hint"},
    {"resumption", "The resumption"},
    {"pre_shared_key", "The pre-shared key"},
    {"protocol", "The protocol above"},
    {"certificate_compression", "The certificate's compression"},
    {"hello_retry", "What another hello shall bring"},
    {"early_data", "The early data"},
    {"verification", "What the stack found of the certificate"},
    {"stapled_response", "The stapled response"},
    {"handshake_cost", "What the handshake cost"},
    {"connection_cost", "What the whole connection cost"},
};

static const struct {
    const char *name, *text;
} ideas[] = {
    /* key exchanges */
    {"RSA",
     "Static RSA: the client makes the premaster secret out of the version that it offered and 46 "
     "random bytes and encrypts it with the key of the certificate. Only who has the private key can "
     "go on, so decrypting is the server's proof; but who gets that key years later can read "
     "every handshake that he recorded. TLS 1.3 has dropped it (RFC 5246 7.4.7.1, F.1.1.2)."},
    {"RSA_EXPORT",
     "The suite comes from a time of export rules: the secret may be encrypted under a key of 512 "
     "bits at most. The server's own key is longer, so it sends a temporary short one, and signs it "
     "with the long one together with both randoms (RFC 2246 7.4.3, D.1). 512 bits are factored in "
     "hours today."},
    {"DHE",
     "Ephemeral Diffie-Hellman: both sides make a key pair for this handshake, send the public "
     "halves, and compute the same secret. The certificate's key only signs: the server's half and "
     "both randoms, so that it cannot be one of yesterday. Who steals that key later can pretend to "
     "be the server, but can read nothing that was recorded: that is forward secrecy (RFC 5246 "
     "7.4.3, F.1.1.3)."},
    {"ECDHE",
     "Ephemeral Diffie-Hellman on an elliptic curve: as with DHE, a key pair for one handshake, "
     "signed by the certificate's key together with both randoms, and thrown away, which gives "
     "forward secrecy; on a curve the keys are a tenth as long for the same strength (RFC 8422 2, 5.4)."},
    {"anon",
     "An anonymous exchange: nobody signs anything. It keeps out those who only listen; who stands "
     "in between makes one secret with each side, and no check can notice him (RFC 5246 F.1.1.1)."},
    {"PSK",
     "A pre-shared key: both sides were given it beforehand, and whoever can compute the keys has "
     "it. No certificate is needed. The premaster secret is the key itself and as many zeros: who "
     "learns the key can read all recorded sessions (RFC 4279 2)."},
    {"TLS13",
     "In TLS 1.3 the suite no longer says how keys are agreed: that is always an ephemeral key "
     "agreement in a group, or a pre-shared key, or both; and static RSA is gone (RFC 8446 1.2)."},
    {"schedule",
     "TLS 1.3 makes three secrets one out of the other: the early secret (of the pre-shared key), the "
     "handshake secret (of the key agreement), the master secret. Out of each come traffic secrets, "
     "one for each direction and each purpose, each bound to the digest of what was said so far "
     "(RFC 8446 7.1). So the handshake has keys of its own, and data has others."},
    /* extensions */
    {"server_name",
     "Several hosts may share one address: the client says in the clear which one it wants, since the "
     "server has to choose a certificate before there are keys (server_name, RFC 6066 3)."},
    {"supported_versions",
     "The versions stand in an extension, and the old field says TLS 1.2 for ever: too many servers "
     "refused a hello with a number that they did not know, rather than answer with one that they "
     "did (supported_versions, RFC 8446 4.1.2, 4.2.1)."},
    {"key_share",
     "key_share carries public halves of key agreements, one for each group on which the client bets. "
     "If the server takes none of these groups, it asks for another hello (RFC 8446 4.2.8)."},
    {"renegotiation_info",
     "renegotiation_info carries the Finished values of the handshake before; in a first handshake it "
     "is empty. Without it an attacker can begin a connection himself and let the victim's handshake "
     "go on as its renegotiation (RFC 5746 1, 3.2)."},
    {"extended_master_secret",
     "The extended master secret is made of the digest of the handshake in place of the two randoms. "
     "Without it somebody in the middle can bring two handshakes to the same master secret, and let "
     "one pass for the other in a resumption (triple handshake; RFC 7627 1, 4)."},
    {"encrypt_then_mac",
     "CBC suites authenticate first and encrypt then, so that padding is judged before the MAC: by "
     "answers or by time that tells an attacker about the plaintext (Lucky Thirteen). With "
     "encrypt_then_mac the MAC is over the ciphertext, and a changed record is not even decrypted "
     "(RFC 7366 3)."},
    {"max_fragment_length",
     "A client with little memory asks for shorter records than 2^14 bytes; the server must keep to "
     "it too, and may choose one of four lengths only (RFC 6066 4)."},
    {"record_size_limit",
     "Each side says how long a protected record may be that it takes; unlike max_fragment_length "
     "the two directions need not agree (RFC 8449 4)."},
    {"application_layer_protocol_negotiation",
     "ALPN: the client lists the protocols that it would speak above TLS, the server takes one. It is "
     "settled inside the handshake, so it costs no round trip and Finished covers it (RFC 7301 3)."},
    {"status_request",
     "OCSP stapling: has the certificate been withdrawn? The client could ask the authority, which "
     "would cost time and tell it where the client goes. Instead the server sends along a fresh, "
     "signed answer (status_request, RFC 6066 8; RFC 6960; in TLS 1.3 beside the certificate, RFC 8446 "
     "4.4.2.1)."},
    {"compress_certificate",
     "A chain of certificates is the longest part of a handshake; packed, it may fit into the first "
     "flight (compress_certificate, RFC 8879 1)."},
    {"heartbeat",
     "Heartbeats keep a connection alive without a renegotiation. Either side says whether it answers "
     "them. A payload_length that is longer than the message must be thrown away: OpenSSL answered "
     "with what lay behind it in memory (Heartbleed, CVE-2014-0160; RFC 6520 4)."},
    {"session_ticket",
     "With tickets the server remembers nothing: it seals what it knows of the session and lets the "
     "client keep it. Any server with the ticket key can resume; who steals that key can read the "
     "sessions (RFC 5077 1, 5)."},
    {"pre_shared_key",
     "A pre-shared key in TLS 1.3 is one that both were given, or one that a ticket of an earlier "
     "connection stands for: one mechanism for both. With psk_dhe_ke fresh key shares are mixed in, "
     "which gives forward secrecy again; with psk_ke the old key is all (RFC 8446 2.2, 4.2.9, "
     "4.2.11)."},
    {"early_data",
     "Early data (0-RTT): the client sends a request along with its first flight, under keys out of "
     "the pre-shared key alone. The server may take it, pass over it, or ask for another hello, which "
     "loses it as well. It has no forward secrecy, and whoever records it can send it again: nothing "
     "of this connection is in it yet. So it must be harmless to do twice, or the server must "
     "remember which hellos it has seen (RFC 8446 2.3, 4.2.10, 8)."},
    {"cookie",
     "A cookie comes back with the second hello: so the server need remember nothing in between, and "
     "learns that the client's address is real (RFC 8446 4.2.2)."},
    {"post_handshake_auth",
     "The client says that it may be asked for a certificate later, when the handshake is over. A "
     "server must not ask one that has not said so (RFC 8446 4.2.6, 4.6.2)."},
    {"grease",
     "GREASE: the client offers values that nobody knows on purpose. A server must pass over what it "
     "does not know; one that stumbles is found today and not when a new value comes (RFC 8701 1)."},
    {"fallback_scsv",
     "Old servers broke off at new versions, so clients tried again with an older one; an attacker who "
     "drops a message gets the same. TLS_FALLBACK_SCSV among the suites says: this is such a second "
     "try. A server that could do better then refuses (inappropriate_fallback, RFC 7507 3, 4)."},
    /* what happens */
    {"hello_retry",
     "No share that the client sent fits, or the server wants its cookie back first. It costs a round "
     "trip, and happens once at most (RFC 8446 4.1.4)."},
    {"downgrade_sentinel",
     "The last eight bytes of the server's random say DOWNGRD: this server could do better than it "
     "has chosen here. With an ephemeral key exchange the random is signed, so nobody can take it "
     "out; a client that offered better breaks off (RFC 8446 4.1.3)."},
    {"middlebox",
     "Boxes on the way that thought they knew TLS broke off handshakes that looked new. So a handshake "
     "of TLS 1.3 looks like a resumption of TLS 1.2: a session ID that names nothing comes back, and "
     "ChangeCipherSpec is sent where it used to stand (RFC 8446 D.4)."},
    {"resumption",
     "A resumption uses the master secret of an earlier session again: no certificate, no key "
     "exchange, one round trip less. The keys are new, since both randoms are (RFC 5246 7.3, F.1.4)."},
    {"handshake_cost",
     "Public-key cryptography settles who is there and how both come to a secret; it costs thousands "
     "of times what a symmetric cipher does. So the handshake uses the one to agree keys for the "
     "other, and a resumption saves it altogether (RFC 5246 1, F.1.4)."},
    {"ticket",
     "Either side may go on from here in a later connection: the ticket names a key that both can "
     "compute. A fresh ticket for each connection keeps an onlooker from seeing that it is the same "
     "client (RFC 8446 4.6.1, C.4)."},
    {"key_update",
     "A cipher may encrypt only so much under one key (RFC 8446 5.5). KeyUpdate replaces one "
     "direction's secret by the next, computed from it and not back; with update_requested the other "
     "side shall do the same (RFC 8446 4.6.3, 7.2)."},
    {"post_handshake",
     "Post-handshake authentication is a small conversation of its own: request, Certificate, "
     "CertificateVerify, Finished. Keys do not change by it (RFC 8446 4.6.2)."},
    {"false_start",
     "False start: the client has all keys and sends data without waiting for the server's Finished, "
     "which saves a round trip. Nothing has yet proved that the hellos arrived unchanged, so it is "
     "allowed with forward secrecy and strong ciphers alone (RFC 7918 4, 5)."},
    {"record_splitting",
     "One byte goes ahead in a record of its own. Up to TLS 1.0 the last block of a record is the IV "
     "of the next, which an attacker sees before he chooses what comes next (BEAST); with a MAC that "
     "he cannot foretell in between, it helps him no more. TLS 1.1 gave each record its own IV (RFC "
     "4346 1.1, 6.2.3.2)."},
    {"compression",
     "What is compressed is shorter the more it repeats itself: who can add text of his own to a "
     "secret learns from the length whether he guessed it (CRIME). So nobody compresses today, and "
     "TLS 1.3 cannot (RFC 3749 2; RFC 8446 4.1.2)."},
    {"old_hello",
     "The hello has the form of SSL 2.0 and offers something newer: so a client could reach servers "
     "of either kind. The server answers in the new form, and Finished covers the old one (RFC 5246 "
     "E.2; forbidden since RFC 6176 3)."},
    {"SSL2",
     "SSL 2.0 protects no message of its handshake: somebody in the middle may take the good ciphers "
     "out of both lists. Its MAC is MD5 and shares the cipher's key, and an end that somebody else "
     "makes looks like the true one (RFC 6176 2)."},
};
/* clang-format on */

const char *texts_fact(const char *name)
{
    for (size_t i = 0; name != NULL && i < G_N_ELEMENTS(facts); i++)
        if (strcmp(facts[i].name, name) == 0)
            return facts[i].text;
    return NULL;
}

const char *texts_idea(const char *name)
{
    for (size_t i = 0; name != NULL && i < G_N_ELEMENTS(ideas); i++)
        if (strcmp(ideas[i].name, name) == 0)
            return ideas[i].text;
    return NULL;
}
