package io.hourledger.standalone.demo;

import io.hourledger.standalone.traffic.TrafficLine.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** A request as CloudEvents, one per meter, under ids that follow from the request alone. */
final class UsageEventText {

    private static final JsonMapper JSON = JsonMapper.shared();

    private final String source;
    private final Map<String, String> instances;

    /**
     * @param instances instance id by order line
     */
    UsageEventText(String source, Map<String, String> instances) {
        this.source = source;
        this.instances = Map.copyOf(instances);
    }

    List<String> eventsOf(Request request) {
        List<String> events = new ArrayList<>(DemoMeter.values().length);
        for (DemoOrder.Line line : DemoOrder.of(request.buyer()).lines()) {
            String instance = instances.get(line.orderLineId());
            if (instance == null) {
                throw new IllegalStateException("no instance was opened for " + line.orderLineId());
            }
            events.add("{\"specversion\":\"1.0\",\"id\":"
                    + quoted(request.key() + "/" + line.meter().meter())
                    + ",\"source\":" + quoted(source)
                    + ",\"type\":" + quoted(line.meter().eventType())
                    + ",\"subject\":" + quoted(instance)
                    + ",\"time\":\"" + request.time()
                    + "\",\"datacontenttype\":\"application/json\",\"data\":"
                    + line.meter().data(request) + "}");
        }
        return events;
    }

    private static String quoted(String text) {
        return JSON.writeValueAsString(text);
    }
}
