package io.hourledger.standalone.stack;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.ContextInitializer;
import ch.qos.logback.core.joran.spi.JoranException;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** Sends what the services say to a file, so that the console belongs to the command. */
public final class LogFile {

    private LogFile() {}

    /** From now on everything is logged to this file, and no service sets up logging of its own. */
    public static void use(Path file) {
        System.setProperty("metering.log", file.toString());
        System.setProperty("org.springframework.boot.logging.LoggingSystem", "none");
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        configureAgain();
    }

    /** A logger that was asked for before has configured logging without the file. */
    private static void configureAgain() {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext logback) {
            logback.reset();
            try {
                new ContextInitializer(logback).autoConfig();
            } catch (JoranException broken) {
                throw new IllegalStateException("logging cannot be configured: " + broken.getMessage(), broken);
            }
        }
    }
}
