//! E11: the alarm of the template, evaluated over what `schedule-polls` logs: quiet while channels are read, ringing when one
//! stalls and when the schedule itself stands still.
//!
//! The local cloud takes metric filters and alarms and evaluates neither as AWS does, so this file does it:
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/logs/FilterAndPatternSyntax.html>,
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html>.

use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use yaml_serde::Value as Template;

use crate::nobody::Log;
use crate::world::World;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// AWS's page evaluates an alarm of three periods over the newest five.
const PERIODS_FARTHER_BACK: usize = 2;

fn template() -> Template {
    yaml_serde::from_str(include_str!("../../template.yaml")).unwrap()
}

/// What `!Ref`, `!Sub` or `!GetAtt` names.
fn named(value: &Template) -> &str {
    let Template::Tagged(tagged) = value else { panic!("{value:?} names nothing") };
    tagged.value.as_str().unwrap()
}

/// `$.a.b` as the path `/a/b` into a line.
fn path_of(selector: &str) -> String {
    selector.strip_prefix('$').unwrap().replace('.', "/")
}

/// The metric filter: a pattern that matches where a field is, and the value of a field.
struct Filter {
    must_be: String,
    value: String,
}

impl Filter {
    fn of(template: &Template) -> Self {
        let filter = &template["Resources"]["ChannelLag"]["Properties"];
        let pattern = filter["FilterPattern"].as_str().unwrap();
        let must_be = pattern.strip_prefix("{ ").and_then(|rest| rest.strip_suffix(" = * }"));
        let value = filter["MetricTransformations"][0]["MetricValue"].as_str().unwrap();
        Self { must_be: path_of(must_be.expect("another kind of pattern")), value: path_of(value) }
    }

    /// The data point that a log line becomes.
    fn point(&self, line: &str) -> Option<f64> {
        let line: Value = serde_json::from_str(line).ok()?;
        line.pointer(&self.must_be)?;
        line.pointer(&self.value)?.as_f64()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Ok,
    Alarm,
}

struct Alarm {
    period: SignedDuration,
    evaluated: usize,
    breaches: usize,
    threshold: f64,
}

impl Alarm {
    fn of(template: &Template) -> Self {
        let alarm = &template["Resources"]["ChannelStalledAlarm"]["Properties"];
        // What `state` is written for.
        let kind = ["Statistic", "ComparisonOperator", "TreatMissingData"].map(|name| alarm[name].as_str().unwrap());
        assert_eq!(kind, ["Maximum", "GreaterThanThreshold", "breaching"]);
        let evaluated = usize::try_from(alarm["EvaluationPeriods"].as_u64().unwrap()).unwrap();
        let breaches = alarm["DatapointsToAlarm"].as_u64().map_or(evaluated, |points| usize::try_from(points).unwrap());
        let period = SignedDuration::from_secs(alarm["Period"].as_i64().unwrap());
        Self { period, evaluated, breaches, threshold: alarm["Threshold"].as_f64().unwrap() }
    }

    /// Periods are counted back from the moment of the evaluation, which AWS repeats every minute.
    fn at(&self, now: Timestamp, points: &[(Timestamp, f64)]) -> State {
        let mut newest_first = Vec::new();
        let mut end = now;
        for _ in 0..self.evaluated + PERIODS_FARTHER_BACK {
            let begin = end.checked_sub(self.period).unwrap();
            let of_period = points.iter().filter(|(at, _)| begin < *at && *at <= end).map(|(_, value)| *value);
            newest_first.push(of_period.reduce(f64::max));
            end = begin;
        }
        self.state(&newest_first)
    }

    /// The newest real data points count; only what they lack is filled, with breaching ones.
    fn state(&self, newest_first: &[Option<f64>]) -> State {
        let real: Vec<f64> = newest_first.iter().flatten().copied().take(self.evaluated).collect();
        let filled = self.evaluated - real.len();
        let breaching = real.iter().filter(|value| **value > self.threshold).count() + filled;
        if breaching >= self.breaches { State::Alarm } else { State::Ok }
    }
}

/// A minute of the schedule at a time, and the state of the alarm after each.
struct Watch {
    world: World,
    log: Log,
    filter: Filter,
    alarm: Alarm,
    read: usize,
    points: Vec<(Timestamp, f64)>,
}

impl Watch {
    async fn over(log: Log) -> Self {
        let template = template();
        let (filter, alarm) = (Filter::of(&template), Alarm::of(&template));
        Self { world: World::new().await, log, filter, alarm, read: 0, points: Vec::new() }
    }

    async fn minutes(&mut self, minutes: usize) -> Vec<State> {
        let mut states = Vec::new();
        for _ in 0..minutes {
            self.world.advance(MINUTE);
            schedule_polls::handle(&self.world.app).await.unwrap();
            let (lines, now) = (self.log.lines(), self.world.now());
            self.points
                .extend(lines[self.read..].iter().filter_map(|line| self.filter.point(line)).map(|lag| (now, lag)));
            self.read = lines.len();
            self.world.drain().await;
            states.push(self.state());
        }
        states
    }

    fn state(&self) -> State {
        self.alarm.at(self.world.now(), &self.points)
    }
}

/// In how many minutes it came to this state, after which it stayed there.
fn turned(states: &[State], to: State) -> usize {
    let before = states.iter().position(|state| *state == to).unwrap_or_else(|| panic!("never {to:?}"));
    assert!(states[before..].iter().all(|state| *state == to), "{states:?}");
    before + 1
}

#[tokio::test]
async fn the_alarm_of_the_template_rings_when_a_channel_stalls_and_only_then() {
    let log = Log::default();
    let _listening = log.listen();
    let mut watch = Box::pin(Watch::over(log)).await;
    assert_eq!(turned(&watch.minutes(90).await, State::Ok), 1, "channels that are read");
    assert_eq!(watch.points.len(), 90, "one data point a minute");

    let down = watch.world.ebay.faults().fail_while(StatusCode::SERVICE_UNAVAILABLE, None);
    let rang = turned(&watch.minutes(60).await, State::Alarm);
    assert!((31..=46).contains(&rang), "half an hour, and three periods of it: {rang}");

    down.off();
    let over = turned(&watch.minutes(30).await, State::Ok);
    assert!(over <= 16, "the breaker's ten minutes, and one period: {over}");
}

#[tokio::test]
async fn the_alarm_of_the_template_rings_when_the_schedule_stands_still() {
    let log = Log::default();
    let _listening = log.listen();
    let mut watch = Box::pin(Watch::over(log)).await;
    watch.minutes(30).await;
    let mut states = Vec::new();
    for _ in 0..40 {
        watch.world.advance(MINUTE);
        states.push(watch.state());
    }
    let rang = turned(&states, State::Alarm);
    assert!((15..=25).contains(&rang), "AWS looks no farther back than five periods: {rang}");

    // The channels went unread meanwhile, which the first line says; they are read at once, and a period later it is over.
    let over = turned(&watch.minutes(20).await, State::Ok);
    assert!(over <= 7, "{over}");
}

#[test]
fn the_alarm_is_evaluated_as_the_examples_of_aws_say() {
    let alarm = |breaches| Alarm { period: MINUTE, evaluated: 3, breaches, threshold: 10.0 };
    let state = |breaches, newest_last: &str| {
        let points = newest_last.split(' ').rev().map(|point| match point {
            "0" => Some(10.0),
            "X" => Some(11.0),
            _ => None,
        });
        alarm(breaches).state(&points.collect::<Vec<_>>())
    };
    let of_three = ["0 - X - X", "0 - - - -", "- - - - -", "0 X X - X", "- - X - -"].map(|points| state(3, points));
    assert_eq!(of_three, [State::Ok, State::Ok, State::Alarm, State::Alarm, State::Alarm]);
    let of_two = ["0 - X - X", "0 0 X 0 X", "0 - X - -", "- - - - 0", "- - - X -"].map(|points| state(2, points));
    assert_eq!(of_two, [State::Alarm; 5]);
}

#[test]
fn the_alarm_reads_the_metric_of_the_log_of_schedule_polls_and_tells_the_owner() {
    let template = template();
    let resources = &template["Resources"];
    let (filter, alarm) = (&resources["ChannelLag"]["Properties"], &resources["ChannelStalledAlarm"]["Properties"]);
    let logs = named(&filter["LogGroupName"]);
    assert_eq!(logs, named(&resources["SchedulePolls"]["Properties"]["LoggingConfig"]["LogGroup"]));
    assert_eq!(resources[logs]["Type"], "AWS::Logs::LogGroup");
    let metric = &filter["MetricTransformations"][0];
    assert_eq!((&metric["MetricNamespace"], &metric["MetricName"]), (&alarm["Namespace"], &alarm["MetricName"]));
    assert!(alarm.get("Dimensions").is_none() && metric.get("Dimensions").is_none(), "both or neither");
    for actions in ["AlarmActions", "OKActions"] {
        let topic = &resources[named(&alarm[actions][0])];
        assert_eq!(topic["Type"], "AWS::SNS::Topic");
        let told = &topic["Properties"]["Subscription"][0];
        assert_eq!((told["Protocol"].as_str(), named(&told["Endpoint"])), (Some("email"), "OwnerEmail"));
    }
}
