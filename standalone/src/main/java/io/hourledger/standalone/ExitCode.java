package io.hourledger.standalone;

/** What a command's exit says. */
public final class ExitCode {

    /** All went well. */
    public static final int OK = 0;

    /** It ran, and the answer is no: numbers differ, something is missing. */
    public static final int DIFFERENT = 1;

    /** The command line is wrong. */
    public static final int USAGE = 2;

    /** It could not run. */
    public static final int COULD_NOT_RUN = 3;

    /** It ran, nothing is wrong, and part of what was asked for was not done or could not be checked; it says which. */
    public static final int NOT_ALL = 4;

    private ExitCode() {}
}
