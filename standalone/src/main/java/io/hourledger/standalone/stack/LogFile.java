package io.hourledger.standalone.stack;

import java.nio.file.Path;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** Sends what the services say to a file, so that the console belongs to the command. To be called before anything logs. */
public final class LogFile {

    private LogFile() {}

    /** From now on everything is logged to this file, and no service sets up logging of its own. */
    public static void use(Path file) {
        System.setProperty("metering.log", file.toString());
        System.setProperty("org.springframework.boot.logging.LoggingSystem", "none");
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
    }
}
