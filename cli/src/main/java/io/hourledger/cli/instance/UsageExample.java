package io.hourledger.cli.instance;

import io.hourledger.contracts.usage.Meter;
import io.hourledger.standalone.stack.Service;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.json.JsonMapper;

/** One usage event, as an app would send it now. */
final class UsageExample {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int BYTES = 203_023;

    private UsageExample() {}

    static String event(RunningStack stack, String instance, Meter meter, String value) {
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("specversion", "1.0");
        event.put("id", UUID.randomUUID().toString());
        event.put("source", "/example");
        event.put("type", meter.eventType());
        event.put("subject", instance);
        event.put("time", stack.now().truncatedTo(ChronoUnit.SECONDS).toString());
        String field = meter.valueField();
        event.put("data", field == null ? Map.of() : Map.of(field, new BigDecimal(value)));
        return JSON.writeValueAsString(event);
    }

    static String curl(RunningStack stack, String instance, Meter meter) throws IOException {
        return "curl -i " + stack.address(Service.INGEST) + "/v1/usage-events -H 'Authorization: Bearer "
                + stack.secrets().apiKey() + "' -H 'Content-Type: application/cloudevents+json' -d '"
                + event(stack, instance, meter, Integer.toString(BYTES)) + "'";
    }
}
