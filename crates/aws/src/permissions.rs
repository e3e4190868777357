//! The IAM permissions that the program can use. The README's policies are written from this list, and a test
//! compares it with the calls in the source.

/// Permissions for reading. None of them returns a secret's value.
pub const READS: &[&str] = &[
    "sts:GetCallerIdentity",
    "ecs:ListClusters",
    "ecs:DescribeClusters",
    "ecs:ListServices",
    "ecs:DescribeServices",
    "ecs:ListTasks",
    "ecs:DescribeTasks",
    "ecs:DescribeTaskDefinition",
    "ecs:ListServiceDeployments",
    "ecs:DescribeServiceDeployments",
    "ecs:DescribeServiceRevisions",
    "logs:GetLogEvents",
    "application-autoscaling:DescribeScalableTargets",
    "application-autoscaling:DescribeScalingPolicies",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeListenerCertificates",
    "elasticloadbalancing:DescribeRules",
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetGroupAttributes",
    "elasticloadbalancing:DescribeTargetHealth",
    "rds:DescribeDBInstances",
    "rds:DescribeDBClusters",
    "rds:DescribeEvents",
    "rds:DescribePendingMaintenanceActions",
    "ecr:DescribeRepositories",
    "ecr:DescribeImages",
    "ecr:DescribeImageScanFindings",
    "ecr:GetLifecyclePolicy",
    "cloudwatch:GetMetricData",
    "cloudwatch:DescribeAlarms",
    "acm:DescribeCertificate",
    "secretsmanager:DescribeSecret",
    "ec2:DescribeVpcs",
    "ec2:DescribeSubnets",
    "ec2:DescribeRouteTables",
    "ec2:DescribeNatGateways",
    "ec2:DescribeInternetGateways",
    "ec2:DescribeSecurityGroups",
];

/// Permissions for changes, limited to the resources of one's own cluster and database.
pub const ACTS_ON_RESOURCES: &[&str] = &[
    "ecs:UpdateService",
    "ecs:StopServiceDeployment",
    "ecs:ContinueServiceDeployment",
    "ecs:StopTask",
    "rds:RebootDBInstance",
    "rds:FailoverDBCluster",
];

/// Permissions for changes for which IAM has no resource to limit them to. `TagResource` comes with a
/// registration that has tags.
pub const ACTS_ON_ANY: &[&str] =
    &["ecs:RegisterTaskDefinition", "ecs:TagResource", "application-autoscaling:RegisterScalableTarget"];
