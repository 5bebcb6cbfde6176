"""Prints a deployed stack's outputs as JSON and, with --user EMAIL, a token of that user, made an owner on first use.

Reads the endpoint, region and credentials from the environment, as every AWS client does.
"""

import argparse
import json
import secrets

import boto3


def outputs(stack):
    described = boto3.client("cloudformation").describe_stacks(StackName=stack)
    return {output["OutputKey"]: output["OutputValue"] for output in described["Stacks"][0]["Outputs"]}


def token(pool, client, email):
    cognito = boto3.client("cognito-idp")
    # A new password each time: nothing has to remember one.
    password = secrets.token_urlsafe(24) + "aA1!"
    try:
        cognito.admin_get_user(UserPoolId=pool, Username=email)
    except cognito.exceptions.UserNotFoundException:
        cognito.admin_create_user(
            UserPoolId=pool,
            Username=email,
            MessageAction="SUPPRESS",
            TemporaryPassword=password,
            UserAttributes=[{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}],
        )
    # The token names the groups that its user is in when it is made.
    cognito.admin_add_user_to_group(UserPoolId=pool, Username=email, GroupName="owner")
    cognito.admin_set_user_password(UserPoolId=pool, Username=email, Password=password, Permanent=True)
    answer = cognito.admin_initiate_auth(
        UserPoolId=pool,
        ClientId=client,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": email, "PASSWORD": password},
    )
    return answer["AuthenticationResult"]["IdToken"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stack")
    parser.add_argument("--user", metavar="EMAIL")
    arguments = parser.parse_args()
    found = outputs(arguments.stack)
    answer = {"outputs": found}
    if arguments.user:
        answer["token"] = token(found["UserPoolId"], found["UserPoolClientId"], arguments.user)
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
