package io.hourledger.pusher.appinfo;

import io.hourledger.pusher.appinfo.AppInfoTemplate.Subject;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.transaction.support.TransactionTemplate;

/** Says what the marketplace is told of an instance's app: what the app has said, else a template, else nothing. */
public final class AppInfos {

    private static final Logger LOG = LoggerFactory.getLogger(AppInfos.class);

    private final StoredAppInfo stored;
    private final AwaitedAppInfo awaited;
    private final AppInfoSettings settings;
    private final TransactionTemplate transaction;
    private final Clock businessTime;

    AppInfos(
            StoredAppInfo stored,
            AwaitedAppInfo awaited,
            AppInfoSettings settings,
            TransactionTemplate transaction,
            Clock businessTime) {
        this.stored = stored;
        this.awaited = awaited;
        this.settings = settings;
        this.transaction = transaction;
        this.businessTime = businessTime;
    }

    /** Who says what is told. */
    public enum Source {
        APP,
        TEMPLATE
    }

    /** What the marketplace is told. */
    public sealed interface Told {

        /** This. */
        record Info(AppInfo info, Source source) implements Told {}

        /** Nothing: the app has said nothing, and no template is for the product. */
        record Nothing() implements Told {}

        /** To ask again: the app is waited for. */
        record Awaited() implements Told {}
    }

    /**
     * Stores what an app says of an instance, in place of what it said before. Nobody waits for it any more.
     *
     * @param app the name of the app's key
     */
    public void put(String instanceId, AppInfo info, String app) {
        Instant now = businessTime.instant();
        transaction.executeWithoutResult(tx -> {
            stored.put(instanceId, info, app, now);
            awaited.endedByApp(instanceId, now);
        });
        LOG.atInfo().addKeyValue("instance", instanceId).addKeyValue("app", app).log("app info stored");
    }

    /** What the app has said of it; empty if nothing. */
    public Optional<AppInfo> saidOf(String instanceId) {
        return Optional.ofNullable(stored.of(List.of(instanceId)).get(instanceId));
    }

    /** Which of these instances wait for their app. */
    public Set<String> waiting(Collection<String> instanceIds) {
        return settings.waitForApp() ? awaited.waiting(instanceIds, businessTime.instant()) : Set.of();
    }

    /**
     * The answer to the call that asked for the instance. If the app is waited for, that begins here. Nobody waits for a package: its instance
     * has been told of.
     *
     * @param firstCalledAt when the marketplace called first; business time
     */
    public Told ofNew(Subject subject, Instant firstCalledAt) {
        if (settings.waitForApp() && subject.servedInstanceId() == null) {
            awaited.begin(subject, firstCalledAt);
        }
        return Objects.requireNonNull(of(List.of(subject)).get(subject.instanceId()));
    }

    /** What is told of each of these, by its id. A package is told of as the instance that it is for, unless the app says something else. */
    public Map<String, Told> of(Collection<Subject> subjects) {
        Set<String> ids = new HashSet<>();
        for (Subject subject : subjects) {
            ids.add(subject.instanceId());
            if (subject.servedInstanceId() != null) {
                ids.add(subject.servedInstanceId());
            }
        }
        Map<String, AppInfo> said = stored.of(ids);
        Set<String> waiting = said.keySet().containsAll(ids) ? Set.of() : waiting(ids);
        Map<String, Told> told = new HashMap<>();
        for (Subject subject : subjects) {
            told.put(subject.instanceId(), told(subject, said, waiting));
        }
        return told;
    }

    private Told told(Subject subject, Map<String, AppInfo> said, Set<String> waiting) {
        AppInfo own = said.get(subject.instanceId());
        if (own == null && subject.servedInstanceId() != null) {
            own = said.get(subject.servedInstanceId());
        }
        if (own != null) {
            return new Told.Info(own, Source.APP);
        }
        if (waiting.contains(subject.instanceId())) {
            return new Told.Awaited();
        }
        return settings.template(subject.productId())
                .flatMap(template -> filled(template, subject))
                .<Told>map(info -> new Told.Info(info, Source.TEMPLATE))
                .orElseGet(Told.Nothing::new);
    }

    private static Optional<AppInfo> filled(AppInfoTemplate template, Subject subject) {
        try {
            return Optional.of(template.filledFor(subject));
        } catch (IllegalArgumentException tooLong) {
            LOG.atError()
                    .addKeyValue("instance", subject.instanceId())
                    .addKeyValue("why", tooLong.getMessage())
                    .log("the template does not fit this instance, so nothing is told of its app");
            return Optional.empty();
        }
    }
}
