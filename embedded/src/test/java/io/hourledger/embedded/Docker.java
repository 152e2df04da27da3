package io.hourledger.embedded;

import org.testcontainers.DockerClientFactory;

/** Whether tests may use containers: asked once per JVM. */
final class Docker {

    private static final boolean ANSWERS = DockerClientFactory.instance().isDockerAvailable();

    private Docker() {}

    static boolean answers() {
        return ANSWERS;
    }
}
