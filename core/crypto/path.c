/* Building the path from a certificate to a trust anchor.
 *
 * The list of those whom the checker trusts is looked at before what the peer sent, as no peer's
 * word counts where the own list has an answer. A certificate that is itself on the list ends the
 * path. A path is built to be judged, so it is built as far as it goes even when a signature on it
 * does not verify.
 *
 * This file judges nothing. Obeys RFC 5280 6.1 (the path) and 7.1 (names).
 */
#include "core/crypto/path.h"

#include "core/crypto/name.h"

static bool same(const Certificate *a, const Certificate *b)
{
    return a == b || bytes_equal(certificate_der(a), certificate_der(b));
}

static bool is_trusted(const CheckInput *input, const Certificate *certificate)
{
    for (size_t i = 0; i < input->trusted_count; i++)
        if (same(input->trusted[i], certificate))
            return true;
    return false;
}

static bool on_path(const Path *path, const Certificate *certificate)
{
    for (size_t i = 0; i < path->count; i++)
        if (same(path->certificates[i], certificate))
            return true;
    return false;
}

/* What looking for an issuer has found so far. */
typedef struct {
    const Certificate *issuer;
    bool verified;
} Found;

static void look(const CheckInput *input, const Path *path, Certificate *const *list, size_t count,
                 Found *found)
{
    const Certificate *certificate = path->certificates[path->count - 1];
    for (size_t i = 0; i < count && !found->verified; i++) {
        if (!name_equal(certificate_subject_der(list[i]), certificate_issuer_der(certificate)) ||
            on_path(path, list[i]))
            continue;
        if (input->meter != NULL)
            input->meter->public_operations++;
        bool verified = certificate_signed_by(certificate, certificate_key(list[i]));
        if (found->issuer == NULL || verified)
            *found = (Found){list[i], verified};
    }
}

void path_build(const CheckInput *input, Path *path)
{
    *path = (Path){.certificates = {input->chain[0]}, .count = 1};
    for (;;) {
        const Certificate *last = path->certificates[path->count - 1];
        Found found = {NULL, false};
        path->anchored = is_trusted(input, last);
        path->self_signed = !path->anchored &&
                            name_equal(certificate_subject_der(last), certificate_issuer_der(last));
        if (path->anchored || path->self_signed || path->count == PATH_MOST)
            return;
        look(input, path, input->trusted, input->trusted_count, &found);
        look(input, path, input->chain + 1, input->chain_count - 1, &found);
        if (found.issuer == NULL)
            return;
        path->verified[path->count - 1] = found.verified;
        path->certificates[path->count++] = found.issuer;
    }
}
