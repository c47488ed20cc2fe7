/* The one error type of everything below the command line.
 *
 * A fault knows the alert that tells the peer, a sentence for a person, the rule that was broken
 * and whose fault it is: so no caller has to translate an error into any of these.
 */
#include "core/base/fault.h"

#include <glib.h>
#include <stdarg.h>

bool fault_set(Fault *fault, FaultBlame blame, AlertDescription alert, const char *rule,
               const char *format, ...)
{
    if (fault == NULL || fault->blame != FAULT_NONE)
        return false;
    fault->blame = blame;
    fault->alert = alert;
    fault->rule = rule;
    va_list arguments;
    va_start(arguments, format);
    g_vsnprintf(fault->sentence, sizeof fault->sentence, format, arguments);
    va_end(arguments);
    return false;
}
