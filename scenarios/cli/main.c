/* temporary smoke test */
#include <stdio.h>
#include "scenarios/catalogue.h"
#include "scenarios/language/scenario.h"
#include "sim/world.h"
int main(int argc, char **argv)
{
    g_autoptr(GBytes) text = NULL; gsize size; char *report = NULL; 
    char *contents=NULL;
    if (argc<2) return 2;
    text = catalogue_text(argv[1]);
    if (!text) { if(!g_file_get_contents(argv[1],&contents,&size,NULL)) return 2; text=g_bytes_new_take(contents,size);}    
    const char *data = g_bytes_get_data(text, &size);
    Scenario *s = scenario_parse(argv[1], argv[1], data, size, &report);
    if (!s) { fputs(report, stderr); return 2; }
    if (argc>2) { char *t=scenario_print(s); puts(t); }
    for (guint i=0;i<scenario_count(s);i++){
    Fault fault = FAULT_INIT;
    Trace *trace = world_play(scenario_plan(s,i), &fault);
    if (!trace) { puts(fault.sentence); return 3; }
    printf("== %s\n", scenario_plan(s,i)->name);
    for (size_t i=0;i<trace_count(trace);i++){ const TraceEvent *e=trace_at(trace,i);
      printf("%3d %8lu %-11s p%d l%d %s ep%d r%d %s | %s | %s | %s\n", e->number, e->time, trace_kind_name(e->kind), e->party,e->link, e->incoming?"in ":"out", e->epoch, e->record, e->message_kind==MESSAGE_NONE?"":message_name(e->message_kind), e->name?e->name:e->before?e->before:"", e->value?e->value:e->after?e->after:"", e->reason?e->reason:"");
      if (e->kind==TRACE_VERDICT) for(guint j=0;j<e->expectations->len;j++){TraceExpectation*x=g_ptr_array_index(e->expectations,j); printf("   %s %s: expected %s got %s\n", x->held?"ok":"NO",x->text,x->expected,x->got);} }
    }
}
