package io.hourledger.pusher.instances;

import io.hourledger.ledger.api.InstanceView;
import io.hourledger.pusher.appinfo.AppInfoTemplate.Subject;
import io.hourledger.pusher.appinfo.AppInfos;
import io.hourledger.pusher.appinfo.AppInfos.Told;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Writes instances as answers. */
final class InstanceAnswer {

    private final AppInfos appInfos;

    InstanceAnswer(AppInfos appInfos) {
        this.appInfos = appInfos;
    }

    /** In their order. */
    List<Map<String, @Nullable Object>> of(Collection<InstanceView> instances) {
        Map<String, Told> told =
                appInfos.of(instances.stream().map(InstanceAnswer::subject).toList());
        List<Map<String, @Nullable Object>> answers = new ArrayList<>();
        for (InstanceView instance : instances) {
            answers.add(of(
                    instance,
                    Objects.requireNonNull(told.get(instance.instanceId().value()))));
        }
        return answers;
    }

    private Map<String, @Nullable Object> of(InstanceView instance, Told told) {
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("instanceId", instance.instanceId().value());
        answer.put("account", instance.origin().order().account());
        answer.put("productId", instance.origin().product().productId());
        answer.put("meter", instance.origin().product().meter());
        answer.put("orderId", instance.origin().order().orderId());
        answer.put("orderLineId", instance.origin().order().orderLineId());
        answer.put("buyerId", instance.origin().buyerId());
        answer.put("test", instance.origin().test());
        answer.put("state", LifeState.of(instance).label());
        answer.put("openedAt", text(instance.openedAt()));
        answer.put("releasedAt", text(instance.releasedAt()));
        answer.put("meteredUntil", text(instance.meteredUntil()));
        answer.put("appInfo", appInfo(told));
        return answer;
    }

    /** Without the account: who has the key has put it. */
    private static Map<String, @Nullable Object> appInfo(Told told) {
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        switch (told) {
            case Told.Info(var info, var by) -> {
                answer.put("from", by == AppInfos.Source.APP ? "app" : "template");
                answer.put("frontEndUrl", info.frontEndUrl());
            }
            case Told.Nothing _ -> answer.put("from", "nobody");
            case Told.Awaited _ -> answer.put("from", "awaited");
        }
        return answer;
    }

    static @Nullable String text(@Nullable Instant instant) {
        return instant == null ? null : instant.toString();
    }

    private static Subject subject(InstanceView instance) {
        return new Subject(
                instance.instanceId().value(),
                null,
                instance.origin().product().productId(),
                instance.origin().order().orderId(),
                instance.origin().buyerId());
    }
}
