package io.hourledger.chaos;

import io.hourledger.embedded.EmbeddedDatabase;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where every JVM of a chaos run begins. It runs the main class it was given, and watches its standard input, whose other end the driver
 * holds: when the driver is gone, however it went, the children end themselves, their frozen brothers and the database.
 */
public final class Child {

    private static final Logger log = LoggerFactory.getLogger(Child.class);

    /** As after {@code kill -9}. */
    private static final int KILLED = 137;

    private Child() {}

    /** The run's folder, the main class, then that class's own arguments. */
    public static void main(String[] args) throws ReflectiveOperationException {
        Path folder = Path.of(args[0]);
        Thread watch = new Thread(() -> endWithDriver(folder), "end-with-driver");
        watch.setDaemon(true);
        watch.start();
        try {
            Class.forName(args[1]).getMethod("main", String[].class).invoke(null, (Object)
                    Arrays.copyOfRange(args, 2, args.length));
        } catch (InvocationTargetException failed) {
            log.atError()
                    .addKeyValue("main", args[1])
                    .setCause(failed.getCause())
                    .log("a child could not start");
            // threads that it has started already must not keep it half alive
            System.exit(1);
        }
    }

    private static void endWithDriver(Path folder) {
        try {
            while (System.in.read() >= 0) {
                // nothing is ever said; only the end matters
            }
        } catch (IOException pipeIsGone) {
            // the same as its end
        }
        try {
            // first, since of children that all do this at once the quickest ends the others
            EmbeddedDatabase.killServerOf(RunFolder.database(folder));
            ProcessIds.of(folder).killAllButMe();
        } finally {
            Runtime.getRuntime().halt(KILLED);
        }
    }
}
