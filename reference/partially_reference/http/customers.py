"""The operations of the customers API."""

from __future__ import annotations

from starlette.responses import Response

from partially_reference.http.answers import Answers
from partially_reference.http.routing import Call, Handler, afterwards
from partially_reference.mail import Mailer
from partially_reference.rules.customers import Customers
from partially_reference.rules.logins import Logins
from partially_reference.rules.removal import Removal


class CustomersApi:
    """One method for each operation: it calls the rules and turns the result into a response."""

    def __init__(
        self, customers: Customers, removal: Removal, logins: Logins, mailer: Mailer, answers: Answers
    ) -> None:
        self.customers = customers
        self.removal = removal
        self.logins = logins
        self.mailer = mailer
        self.answers = answers

    def handlers(self) -> dict[str, Handler]:
        """The method of each operation by the id of the operation."""
        return {
            "listCustomers": self.list_customers,
            "createCustomer": self.create_customer,
            "getCustomer": self.get_customer,
            "updateCustomer": self.update_customer,
            "gdprRemoveCustomer": self.gdpr_remove_customer,
            "loginPassword": self.login_password,
            "loginEmail": self.login_email,
            "loginToken": self.login_token,
        }

    def list_customers(self, call: Call) -> Response:
        """List or search customers."""
        query = call.query
        page = self.customers.list(call.merchant_id, query.get("q"), query.get("page"), query.get("per_page"))
        return self.answers.page(page)

    def create_customer(self, call: Call) -> Response:
        """Create a customer."""
        return self.answers.created(self.customers.create(call.merchant_id, call.body))

    def get_customer(self, call: Call) -> Response:
        """Read a customer."""
        return self.answers.customer(self.customers.read(call.merchant_id, call.path["id"]))

    def update_customer(self, call: Call) -> Response:
        """Update a customer."""
        return self.answers.customer(self.customers.update(call.merchant_id, call.path["id"], call.body))

    def gdpr_remove_customer(self, call: Call) -> Response:
        """Remove a customer. A body is ignored."""
        self.removal.remove(call.merchant_id, call.path["id"])
        return self.answers.message("Customer account deleted")

    def login_password(self, call: Call) -> Response:
        """Log a customer in with a password."""
        customer = self.logins.by_password(call.merchant_id, call.body["email"], call.body["password"])
        return self.answers.customer(customer)

    def login_email(self, call: Call) -> Response:
        """Email a login token. The response is the same if no customer has the email."""
        email = self.logins.send_token(call.merchant_id, call.body["email"])
        answer = self.answers.message("Token sent")
        if email is None:
            return answer
        self.mailer.keep(email)
        return afterwards(answer, self.mailer.deliver, email)

    def login_token(self, call: Call) -> Response:
        """Log a customer in with a token."""
        return self.answers.customer(self.logins.by_token(call.merchant_id, call.body["token"]))
