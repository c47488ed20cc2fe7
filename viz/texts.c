/* The sentences that explain a handshake to people: the steps, the messages, the checks.
 *
 * They are written for someone who teaches it: what a message is for and what would be missing
 * without it, not how it is encoded. The steps are those in which the RSA handshake is usually
 * taught; the wire has its own order. A message that means something else in another conversation
 * has a text for that one. Nothing here knows a run: narrate.c puts the values beside the
 * sentences.
 *
 * Facts after RFC 5246 7.3, 7.4, 8.1 and 6.3; RFC 6101 5.5 and 5.6; RFC 5746; RFC 8446 2, 4;
 * draft-hickman-netscape-ssl 2.
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
    StoryKind story;
    const char *text;
} messages[] = {
    {MESSAGE_HELLO_REQUEST, ROLE_SERVER, STORY_FULL,
     "The server would like to negotiate anew and cannot begin a handshake itself: it asks the "
     "client to. The message is empty, and no Finished covers it."},
    {MESSAGE_CLIENT_HELLO, ROLE_CLIENT, STORY_FULL,
     "The client opens with everything it could agree to: the highest version it speaks, its cipher "
     "suites in its order of preference, its compression methods. It adds 32 random bytes, so that "
     "no two handshakes have the same keys."},
    {MESSAGE_CLIENT_HELLO, ROLE_CLIENT, STORY_AGAIN,
     "The handshake begins once more, this time inside the connection: an onlooker sees records and "
     "no longer what they say."},
    {MESSAGE_CLIENT_HELLO, ROLE_CLIENT, STORY_RESUMED,
     "The client names a session that both remember and would like to go on with it. It offers all "
     "the rest as well: if the server has forgotten, this is the beginning of a full handshake."},
    {MESSAGE_CLIENT_HELLO, ROLE_CLIENT, STORY_TLS13,
     "The client opens with everything it could agree to, and does not wait to be asked for its part "
     "of the key exchange: it guesses which group the server will take, and sends its share with "
     "the offer. That saves one of the two round trips."},
    {MESSAGE_CLIENT_HELLO, ROLE_CLIENT, STORY_TLS13_PSK,
     "The client names a key that both already have and proves in the same message, with a binder, "
     "that it has it. It offers all the rest as well, in case the server does not know the key."},
    {MESSAGE_CLIENT_HELLO, ROLE_CLIENT, STORY_RETRIED,
     "The same offer again, with what the server asked for and with nothing else changed: both "
     "hellos are part of what Finished will cover, the first one as its hash (RFC 8446 4.4.1)."},
    {MESSAGE_SERVER_HELLO, ROLE_SERVER, STORY_FULL,
     "The server picks one of each and adds its own random bytes. From here on both know which "
     "version they speak and which algorithms they will use; nothing of it is secret, and nothing "
     "protects it yet from being changed."},
    {MESSAGE_SERVER_HELLO, ROLE_SERVER, STORY_AGAIN,
     "The server chooses again. With RFC 5746 both hellos carry the Finished values of the handshake "
     "before, which ties the new one to this connection."},
    {MESSAGE_SERVER_HELLO, ROLE_SERVER, STORY_RESUMED,
     "The server sends the session's name back: it remembers."},
    {MESSAGE_SERVER_HELLO, ROLE_SERVER, STORY_TLS13,
     "The server chooses and sends its own share. Both now compute the same secret, which never "
     "crosses the wire, and whatever follows is encrypted, the certificate too."},
    {MESSAGE_SERVER_HELLO, ROLE_SERVER, STORY_TLS13_PSK,
     "The server takes the client's key. Whoever can compute what follows must have it, so no "
     "certificate is needed."},
    {MESSAGE_HELLO_RETRY_REQUEST, ROLE_SERVER, STORY_TLS13,
     "The server cannot go on with this hello and asks for another one. On the wire it is a "
     "ServerHello whose random bytes are a fixed value (RFC 8446 4.1.3), so that old middleboxes "
     "see what they know."},
    {MESSAGE_ENCRYPTED_EXTENSIONS, ROLE_SERVER, STORY_TLS13,
     "The rest of the server's answers, which an onlooker need not read: what is not needed to "
     "compute the keys has moved here from ServerHello (RFC 8446 4.3.1)."},
    {MESSAGE_CERTIFICATE, ROLE_SERVER, STORY_FULL,
     "The server shows its certificate: its name and its public key, bound together by the "
     "signature of an authority. Anyone can send a copy of it, so it proves nothing yet about who "
     "is at the other end."},
    {MESSAGE_CERTIFICATE, ROLE_SERVER, STORY_AGAIN,
     "The certificate is shown again, now encrypted."},
    {MESSAGE_CERTIFICATE, ROLE_SERVER, STORY_TLS13,
     "The server shows its certificate, and here only the client can read it: an onlooker no longer "
     "learns it. Anyone can send a copy of it; the proof is the next message."},
    {MESSAGE_CERTIFICATE, ROLE_CLIENT, STORY_FULL,
     "The client answers the server's request with its own certificate, or with an empty list when "
     "it has none that fits."},
    {MESSAGE_CERTIFICATE, ROLE_CLIENT, STORY_TLS13,
     "The client answers the request with its own certificate, or with an empty list. In TLS 1.3 it "
     "travels encrypted: up to TLS 1.2 every onlooker could read the client's name."},
    {MESSAGE_CERTIFICATE, ROLE_CLIENT, STORY_LATER,
     "The answer carries the request's context, so that several requests can be told apart."},
    {MESSAGE_COMPRESSED_CERTIFICATE, ROLE_SERVER, STORY_TLS13,
     "The server's certificate, compressed: the client said that it can unpack it, and the "
     "handshake's longest message becomes shorter (RFC 8879 4)."},
    {MESSAGE_CERTIFICATE_STATUS, ROLE_SERVER, STORY_FULL,
     "What the authority's responder said about this certificate a short while ago, signed: the "
     "client need not ask there itself."},
    {MESSAGE_SERVER_KEY_EXCHANGE, ROLE_SERVER, STORY_FULL,
     "The server adds what the client still needs to know for the key exchange."},
    {MESSAGE_CERTIFICATE_REQUEST, ROLE_SERVER, STORY_FULL,
     "The server wants to know who the client is, and says which kinds of certificate it takes and "
     "which authorities it trusts."},
    {MESSAGE_CERTIFICATE_REQUEST, ROLE_SERVER, STORY_LATER,
     "The handshake is long over, and now something is asked for that not everybody may have: the "
     "server asks who the client is. Up to TLS 1.2 that took a whole new handshake."},
    {MESSAGE_SERVER_HELLO_DONE, ROLE_SERVER, STORY_FULL,
     "The server has said all it wants to say for now and waits."},
    {MESSAGE_CLIENT_KEY_EXCHANGE, ROLE_CLIENT, STORY_FULL,
     "The client's part of the key exchange: from here on both can compute the premaster secret."},
    {MESSAGE_CERTIFICATE_VERIFY, ROLE_CLIENT, STORY_FULL,
     "The client signs all handshake messages so far with the private key of its certificate. Both "
     "randoms are among them, so the signature is good for this handshake and for no other."},
    {MESSAGE_CERTIFICATE_VERIFY, ROLE_SERVER, STORY_TLS13,
     "The server signs everything that was said so far, the key shares among it. This is the proof "
     "that it has the certificate's private key; up to TLS 1.2 it signed its key exchange "
     "parameters, or proved nothing but that it could decrypt."},
    {MESSAGE_CERTIFICATE_VERIFY, ROLE_CLIENT, STORY_TLS13,
     "The client signs everything that was said so far. Ahead of it stand 64 spaces and a sentence "
     "that names the side, so that no signature can be taken for another's (RFC 8446 4.4.3)."},
    {MESSAGE_CHANGE_CIPHER_SPEC, ROLE_CLIENT, STORY_FULL,
     "One byte, and no handshake message: whatever the client says after it is under the keys just "
     "agreed."},
    {MESSAGE_CHANGE_CIPHER_SPEC, ROLE_SERVER, STORY_FULL,
     "The server changes as well: whatever it says after this is under the new keys."},
    {MESSAGE_CHANGE_CIPHER_SPEC, ROLE_CLIENT, STORY_AGAIN,
     "The client's keys change a second time; until here the old ones protected the new handshake."},
    {MESSAGE_CHANGE_CIPHER_SPEC, ROLE_SERVER, STORY_AGAIN,
     "The server's keys change a second time; the new handshake was under the old ones."},
    {MESSAGE_CHANGE_CIPHER_SPEC, ROLE_SERVER, STORY_RESUMED,
     "The server is the first to change, since it has nothing more to wait for."},
    {MESSAGE_CHANGE_CIPHER_SPEC, ROLE_CLIENT, STORY_TLS13,
     "This one changes nothing; whoever gets it throws it away."},
    {MESSAGE_CHANGE_CIPHER_SPEC, ROLE_SERVER, STORY_TLS13,
     "This one changes nothing; whoever gets it throws it away."},
    {MESSAGE_FINISHED, ROLE_CLIENT, STORY_FULL,
     "The first message under the new keys is a digest of the whole handshake as the client saw it, "
     "keyed with the master secret. If anything was changed on the way, the server's digest is "
     "another one and the connection ends here."},
    {MESSAGE_FINISHED, ROLE_SERVER, STORY_FULL,
     "The server's digest, which covers the client's Finished as well: only who has computed the "
     "same master secret can make it."},
    {MESSAGE_FINISHED, ROLE_CLIENT, STORY_AGAIN, "The digest of the new handshake, under the new keys."},
    {MESSAGE_FINISHED, ROLE_SERVER, STORY_AGAIN, "The digest of the new handshake, under the new keys."},
    {MESSAGE_FINISHED, ROLE_SERVER, STORY_RESUMED,
     "The server's digest comes first: it proves that the server has the session's master secret, "
     "and with it that it is the server of the first connection."},
    {MESSAGE_FINISHED, ROLE_CLIENT, STORY_RESUMED,
     "The client's digest covers the server's, and proves the same of the client."},
    {MESSAGE_FINISHED, ROLE_SERVER, STORY_TLS13,
     "A digest of all that was said, keyed with a secret made for it alone out of the server's "
     "handshake traffic secret. With it the server is done: it may send data at once."},
    {MESSAGE_FINISHED, ROLE_CLIENT, STORY_TLS13,
     "The client's digest, which covers the server's as well. Behind it the client's data may "
     "follow at once: one round trip after its first word."},
    {MESSAGE_FINISHED, ROLE_CLIENT, STORY_LATER,
     "The digest covers the handshake, the request and the answer, keyed out of the application "
     "traffic secret. The server says nothing back."},
    {MESSAGE_NEW_SESSION_TICKET, ROLE_SERVER, STORY_FULL,
     "The server hands out its memory of this session, sealed with a key that only servers have."},
    {MESSAGE_NEW_SESSION_TICKET, ROLE_SERVER, STORY_TLS13,
     "A ticket for a later connection, sent when everything is over: with its nonce it gives a "
     "pre-shared key out of the resumption master secret."},
    {MESSAGE_END_OF_EARLY_DATA, ROLE_CLIENT, STORY_TLS13,
     "The last word under the early keys: what the client says after it is under its handshake "
     "keys. It is covered by Finished, so that nobody can cut the early data short."},
    {MESSAGE_KEY_UPDATE, ROLE_CLIENT, STORY_TLS13,
     "Whatever the client says after this is under its next keys."},
    {MESSAGE_KEY_UPDATE, ROLE_SERVER, STORY_TLS13,
     "Whatever the server says after this is under its next keys."},
    {MESSAGE_HEARTBEAT, ROLE_CLIENT, STORY_FULL, "Is the other side still there? It sends the payload back."},
    {MESSAGE_HEARTBEAT, ROLE_SERVER, STORY_FULL, "The payload comes back, with a padding of its own."},
    {MESSAGE_ALERT, ROLE_CLIENT, STORY_FULL, "An alert is no handshake message: a level and a description."},
    {MESSAGE_ALERT, ROLE_SERVER, STORY_FULL, "An alert is no handshake message: a level and a description."},
    {MESSAGE_APPLICATION_DATA, ROLE_CLIENT, STORY_FULL,
     "The application's data travels under the session keys, each record with a MAC over its bytes "
     "and its place in the order."},
    {MESSAGE_APPLICATION_DATA, ROLE_SERVER, STORY_FULL,
     "The answer travels the same way, under the server's own keys and its own count of records."},
    {MESSAGE_APPLICATION_DATA, ROLE_CLIENT, STORY_TLS13,
     "Data travels under the client's application traffic keys. The true type of a record is "
     "encrypted with it: from outside, every protected record looks like application data."},
    {MESSAGE_APPLICATION_DATA, ROLE_CLIENT, STORY_EARLY,
     "The request goes out before the server has said a word."},
    {MESSAGE_SSL2_CLIENT_HELLO, ROLE_CLIENT, STORY_FULL,
     "The client lists the kinds of cipher that it has and sends a challenge of random bytes. There "
     "is no list of compression methods and no place for extensions."},
    {MESSAGE_SSL2_SERVER_HELLO, ROLE_SERVER, STORY_FULL,
     "The server sends its certificate, the kinds of cipher that it has too, and a connection ID: "
     "random bytes of its own. It does not choose; the client will."},
    {MESSAGE_SSL2_SERVER_HELLO, ROLE_SERVER, STORY_RESUMED,
     "The server knows the session (SESSION-ID-HIT): no certificate and no list of ciphers, just a "
     "new connection ID, out of which come new keys."},
    {MESSAGE_SSL2_CLIENT_MASTER_KEY, ROLE_CLIENT, STORY_FULL,
     "The client chooses the cipher and makes the master key itself, encrypted with the server's "
     "public key. Of an export cipher all but 40 bits of it are sent in the clear."},
    {MESSAGE_SSL2_CLIENT_FINISHED, ROLE_CLIENT, STORY_FULL,
     "The client sends the connection ID back, encrypted: it has the keys. This is no digest; what "
     "somebody changed in the hellos stays unnoticed."},
    {MESSAGE_SSL2_SERVER_VERIFY, ROLE_SERVER, STORY_FULL,
     "The server sends the client's challenge back, encrypted: it could decrypt the master key, so "
     "it has the certificate's private key."},
    {MESSAGE_SSL2_SERVER_FINISHED, ROLE_SERVER, STORY_FULL,
     "The server gives the session a name and is done."},
    {MESSAGE_SSL2_REQUEST_CERTIFICATE, ROLE_SERVER, STORY_FULL,
     "The server asks who the client is, with a challenge to sign. It already speaks encrypted, so "
     "that nobody else learns the client's name."},
    {MESSAGE_SSL2_CLIENT_CERTIFICATE, ROLE_CLIENT, STORY_FULL,
     "The client's certificate, with a signature over both keys, the server's challenge and the "
     "server's certificate."},
    {MESSAGE_SSL2_ERROR, ROLE_CLIENT, STORY_FULL,
     "SSL 2.0 has no alerts: there are four errors, and nothing protects them before the keys are in "
     "use."},
    {MESSAGE_SSL2_ERROR, ROLE_SERVER, STORY_FULL,
     "SSL 2.0 has no alerts: there are four errors, and nothing protects them before the keys are in "
     "use."},
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
    {"revocation", "Does the authority still stand by its certificate (OCSP, RFC 6960)?"},
    {"authorised", "May the one who is now known have what he asks for?"},
};

/* clang-format on */

/* Where a story has no text of its own for a message, that of the story it is a kind of. */
static bool story_more_general(StoryKind *story)
{
    switch (*story) {
    case STORY_AGAIN:
    case STORY_RESUMED:
    case STORY_TLS13:
        *story = STORY_FULL;
        return true;
    case STORY_TLS13_PSK:
    case STORY_EARLY:
    case STORY_LATER:
    case STORY_RETRIED:
        *story = STORY_TLS13;
        return true;
    case STORY_FULL:
        return false;
    }
    g_assert_not_reached();
}

const char *texts_message(MessageKind kind, Role from, StoryKind story)
{
    do {
        for (size_t i = 0; i < G_N_ELEMENTS(messages); i++)
            if (messages[i].kind == kind && messages[i].from == from && messages[i].story == story)
                return messages[i].text;
    } while (story_more_general(&story));
    return NULL;
}

const char *texts_check(const char *name)
{
    for (size_t i = 0; name != NULL && i < G_N_ELEMENTS(checks); i++)
        if (strcmp(checks[i].name, name) == 0)
            return checks[i].text;
    return NULL;
}
