package io.hourledger.benchmarks.process;

import java.io.IOException;
import java.io.PrintStream;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** In a child: how it speaks to the JVM that started it, and how it learns that it should end. */
public final class Parent {

    static final String READY = "@ready ";
    static final String PROGRESS = "@progress ";
    static final String RESULT = "@result ";

    private static final PrintStream OUT = System.out;

    private Parent() {}

    /** Does something in good order, then ends this JVM, when the parent closes our input or dies. */
    public static void whenItEnds(Runnable closing) {
        Thread watch = new Thread(
                () -> {
                    try {
                        while (System.in.read() >= 0) {
                            // the parent says nothing; only the end of its words counts
                        }
                    } catch (IOException gone) {
                        // the same as the end
                    }
                    closing.run();
                    Runtime.getRuntime().halt(0);
                },
                "parent-watch");
        watch.setDaemon(true);
        watch.start();
    }

    /** Says that this program may now be used, and where. */
    public static void ready(String where) {
        OUT.println(READY + where);
    }

    /** Says how many events are done. */
    public static void progress(long done) {
        OUT.println(PROGRESS + done);
    }

    /** Hands in what was measured. */
    public static void result(Map<String, Object> result) {
        OUT.println(RESULT + JsonMapper.shared().writeValueAsString(result));
    }
}
