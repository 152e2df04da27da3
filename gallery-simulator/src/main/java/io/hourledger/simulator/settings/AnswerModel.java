package io.hourledger.simulator.settings;

/** The two readings of what a usage push answers about single bad records (koogallery.md, section 1.5). */
public enum AnswerModel {
    /** The call succeeds; records are judged behind its back, and rejected ones show only in the console's export. */
    SILENT,
    /** The call's answer lists the records that were not accepted, each with a code from 001 to 013. */
    ABNORMAL_LIST
}
