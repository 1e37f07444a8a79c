using Flyball.Pipelines.Tests.Connectors;

namespace Flyball.Pipelines.Tests.GitLab;

/// <summary>What each of GitLab's hooks becomes.</summary>
public sealed class GitLabEventTypesTests
{
    private const string Around = """
        "project": {"id": 900, "web_url": "https://gitlab.com/acme/shop", "path_with_namespace": "acme/shop"}, "user": {"username": "ada"}
        """;

    [Theory]
    [InlineData("Push Hook", """ "object_kind": "push", "event_name": "push", "ref": "refs/heads/main", "checkout_sha": "c0ffee" """, "202 ignored: other_event")]
    [InlineData("Tag Push Hook", """ "object_kind": "tag_push", "event_name": "tag_push", "ref": "refs/tags/v1" """, "202 ignored: other_event")]
    [InlineData("Note Hook", """ "object_kind": "note", "object_attributes": {"id": 5, "noteable_type": "Commit"}, "commit": {"id": "c0ffee"} """, "202 ignored: other_event")]
    [InlineData("Issue Hook", """ "object_kind": "issue", "object_attributes": {"id": 6, "iid": 2, "state": "opened"} """, "202 ignored: other_event")]
    [InlineData("Merge Request Hook", """ "object_kind": "merge_request", "object_attributes": {"id": 7, "head_pipeline_id": 5500, "state": "merged"} """, "202 ignored: other_event")]
    [InlineData("Wiki Page Hook", """ "object_kind": "wiki_page", "object_attributes": {"slug": "home", "action": "update"} """, "202 ignored: other_event")]
    [InlineData("Release Hook", """ "object_kind": "release", "id": 8, "tag": "v1", "action": "create" """, "202 ignored: other_event")]
    [InlineData("Feature Flag Hook", """ "object_kind": "feature_flag", "object_attributes": {"id": 9, "name": "new-checkout", "active": true} """, "202 ignored: other_event")]
    [InlineData("Emoji Hook", """ "object_kind": "emoji", "event_type": "award", "object_attributes": {"id": 10} """, "202 ignored: other_event")]
    [InlineData("Resource Access Token Hook", """ "object_kind": "access_token", "event_name": "expiring_access_token" """, "202 ignored: other_event")]
    [InlineData("Member Hook", """ "event_name": "user_add_to_group", "group_id": 3 """, "202 ignored: other_event")]
    [InlineData("System Hook", """ "event_name": "project_create", "project_id": 900 """, "202 ignored: other_event")]
    [InlineData("Hook Of Tomorrow", """ "object_kind": "kind_of_tomorrow", "object_attributes": {"id": 11} """, "202 ignored: other_event")]
    [InlineData("Deployment Hook", """ "object_kind": "deployment", "status": "success", "deployment_id": 70, "deployable_id": 3 """, "202 ignored: deployment_of_job")]
    [InlineData("Pipeline Hook", """ "object_kind": "pipeline", "object_attributes": {"id": 5500, "status": "running"} """, "202 5500#1 executing")]
    [InlineData("Pipeline Hook", """ "object_kind": "pipeline", "object_attributes": {"id": 5500, "status": "waiting_for_callback"}, "builds": [] """, "202 5500#1 pending")]
    [InlineData("Pipeline Hook", """ "object_kind": "pipeline", "object_attributes": {} """, "422 rejected: no_identity")]
    [InlineData("Job Hook", """ "object_kind": "build", "build_id": 9, "build_name": "unit", "build_status": "created", "pipeline_id": 5500, "retries_count": 1 """, "202 5500#1 pending unit:pending")]
    [InlineData("Job Hook", """ "object_kind": "build", "build_id": 9, "build_name": "unit", "build_status": "failed", "build_failure_reason": "runner_system_failure", "pipeline_id": 5500 """, "202 5500#1 pending unit:error")]
    [InlineData("Job Hook", """ "object_kind": "build", "build_id": 12, "build_name": "trigger-shop", "build_status": "running", "pipeline_id": 5500 """, "202 5500#1 pending trigger-shop:executing")]
    [InlineData("Build Hook", """ "object_kind": "job", "job_id": 9, "job_name": "unit", "job_status": "success", "commit": {"id": 5500} """, "202 5500#1 pending unit:success")]
    [InlineData("Job Hook", """ "object_kind": "build", "build_id": 9, "build_name": "unit" """, "422 rejected: no_identity")]
    public async Task Each_hook_has_its_place(string header, string members, string expected) =>
        Assert.Equal(expected, await HookTrial.SendAsync("gitlab", $"{{{members}, {Around}}}", ("X-Gitlab-Event", header)));
}
